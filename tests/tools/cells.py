"""Cells of the notebooks that tests write."""

RAISES = {"tags": ["raises-exception"]}

SETUP = '''\
import base64, io, uuid
from IPython.display import display
from PIL import Image

class Square:
    """A small grey picture, shown as poolviz shows its pictures."""
    def _repr_mimebundle_(self, include=None, exclude=None):
        file = io.BytesIO()
        Image.new("RGB", (40, 30), (90, 90, 90)).save(file, "PNG")
        png = base64.b64encode(file.getvalue()).decode()
        html = f'<figure><img alt="a grey square" src="data:image/png;base64,{png}"></figure>'
        return {"text/plain": "Square(grey)", "text/html": html, "image/png": png}

class Widget:
    """Shown as ipywidgets shows a widget: a view with a random model id, and a text."""
    def _repr_mimebundle_(self, include=None, exclude=None):
        view = {"model_id": uuid.uuid4().hex, "version_major": 2, "version_minor": 0}
        return {"text/plain": "Widget()", "application/vnd.jupyter.widget-view+json": view}
'''
