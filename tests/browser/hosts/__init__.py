"""The widgets outside of JupyterLab: other notebooks, apps, the browser alone."""
