"""PoolExplorer in JupyterLab: hands, answers, links and kernels."""
