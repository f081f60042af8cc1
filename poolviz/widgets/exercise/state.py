"""The state of an ExerciseCard for an exercise."""

from __future__ import annotations

import numpy as np

from poolviz.arithmetic.call import trace
from poolviz.drawing.charts.network_diagram import NetworkDiagram, build_network_diagram
from poolviz.drawing.charts.question import Question, build_question
from poolviz.drawing.mpl.figure import AccessibleFigure
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import Scene, build_scene
from poolviz.exercises.model import Exercise
from poolviz.widgets.base.wire import QuestionPicture, QuestionPlane, QuestionState

Picture = Scene | Question | NetworkDiagram


def question_state(one: Exercise) -> QuestionState:
    """Return what the browser shows of a question, whatever was answered."""
    block = one.block
    return {
        "id": one.id,
        "key": f"{one.id} {one.seed}",
        "kind": one.kind,
        "level": one.level,
        "question": one.question.removesuffix(f"\n\n{block}") if block else one.question,
        "block": block,
        "form": one.form,
        "choices": list(one.choices),
        "wanted": one.wanted,
    }


def scene_of(one: Exercise, is_over: bool) -> Picture | None:
    """Return the picture: the input alone, or with the answer once `is_over`."""
    if one.stack is not None:
        return build_network_diagram(one.stack) if is_over else None
    if one.layer is None or one.input_size is None:
        return None
    if not is_over:
        return None if one.drawn_later else build_question(one.layer, one.input_size, one.values)
    x = None if one.values is None else np.array(one.values, dtype=float).reshape(one.input_size)
    return build_scene(trace(one.layer, one.input_size), x, View(fits=True, position=(0, 0)))


def picture_state(one: Exercise, scene: Picture | None) -> QuestionPicture:
    """Return size and words of the picture, and the cells to click on."""
    if scene is None:
        return {"alt": "", "width": 0, "height": 0, "plane": None}
    plane: QuestionPlane | None = None
    if isinstance(scene, Question) and one.form == "cells":
        where = scene.plane
        plane = {
            "left": where.left,
            "top": where.top,
            "side": where.cell_width,
            "rows": where.rows,
            "columns": where.columns,
            "axes": len(one.input_size or ()),
        }
    return {"alt": scene.alt, "width": scene.width, "height": scene.height, "plane": plane}


def figure_of(one: Exercise, scene: Picture | None) -> AccessibleFigure | None:
    """Return the picture of a question; None without one, or if it shows the answer."""
    if scene is None or isinstance(scene, Scene):
        return None
    return AccessibleFigure(scene, f"{one} {scene.alt}", one.id)
