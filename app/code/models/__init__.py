"""Code in for whole models: classes, functional models, printed ones. Executes nothing."""
