"""All widgets in JupyterLab: what each does, says and has room for."""
