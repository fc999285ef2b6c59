"""The routes: pages, API, uploads, figures, code. Knows requests and answers."""
