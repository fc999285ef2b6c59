"""Bytes ↔ arrays: pictures, samples drawn by code, sources and the upload store. Knows no HTTP."""
