"""Names of a text, of its imports and of the modules beside it."""

from __future__ import annotations

import ast
from typing import Any

from poolviz.i18n.phrase import phrase
from poolviz.reading.source import layer_calls
from poolviz.reading.source.backbones import home_of
from poolviz.reading.source.builtin_calls import BUILTINS, NUMBERS
from poolviz.reading.source.interpreter.expressions import TooLong
from poolviz.reading.source.interpreter.running_models import RunningModels
from poolviz.reading.source.pasted.default_imports import home, usual_name
from poolviz.reading.source.values import (
    Chain,
    FunctionalModel,
    Instance,
    LayerObject,
    Library,
    Scope,
    Value,
    framework_of,
)


class Names(RunningModels):
    """Looks names up."""

    def begin_anew(self) -> None:
        """Leave all functions and modules."""
        self._frames, self._prefix, self._depth, self._constructors = [], [], 0, 0

    def name(self, name: str, scope: Scope) -> Value:
        for names in scope:
            if name in names:
                return self.neighbour(names[name])
        if name in BUILTINS:
            return Library(f"builtins.{name}")
        # After the builtins, which a `*` hides in Python: what it brings along is not known.
        for star in scope.top.stars:
            found = Library(f"{home(star)}.{name}")
            value = self.neighbour(found)
            if value is not found or layer_calls.is_word(found):
                return value
        usual = usual_name(name, self.likely_framework)
        if usual is None:
            return self.unknown(phrase("reading.unread.not_defined", name=name))
        return Library(usual)

    def note_name(self, value: Value, name: str, scope: Scope) -> None:
        if scope is self.module_scope:
            self.named[name] = value

    def imported(self, path: str, line: int) -> Value:
        # The line of the first import stays.
        self.imports = {path: line, path.rpartition(".")[0]: line} | self.imports
        return NUMBERS.get(path, Library(home(path)))

    def origin(self, node: ast.ImportFrom, scope: Scope) -> str:
        if self.neighbours is None:
            return node.module or ""
        return self.neighbours.absolute(scope.top.package, node.module, node.level)

    def neighbour(self, value: Value) -> Value:
        if self.neighbours is None or not isinstance(value, Library):
            return value
        is_known = framework_of(value) is not None or home_of(value.path) is not None
        found = None if is_known else self.neighbours.split(value.path)
        if found is None or value.path in self._searched:  # modules may import each other
            return value
        names = self._module(found[0])
        if found[1] not in names.names and not names.stars:
            return value
        self._searched.append(value.path)
        try:
            return self.name(found[1], names)
        finally:
            self._searched.pop()

    def _module(self, module: str) -> Scope:
        """Return the names of a module beside the text, which is read once, on its own."""
        assert self.neighbours is not None
        if module in self._modules:
            return self._modules[module]
        package = self.neighbours.package_of(module)
        # Before it is read, as in Python: modules that import each other see what is there so far.
        made = self._modules[module] = Scope({"__name__": module}, package=package)
        line = self.imports.get(module, self.line)
        kept = self._frames, self._prefix, self._depth, self._constructors, self.steps, self.line
        lists: tuple[list[Any], ...] = (self.made, self.uses, self.unread_models, self.graph.failed)
        # What a neighbour makes and runs while it is imported is not what the text is about.
        counts = [len(each) for each in lists]
        self.begin_anew()
        self.steps = self._module_steps
        try:
            self.run(self.neighbours.statements(module, line), made)
        except (TooLong, RecursionError):
            self.steps = 0
        self._module_steps = self.steps
        self._frames, self._prefix, self._depth, self._constructors, self.steps, self.line = kept
        for each, count in zip(lists, counts, strict=True):
            del each[count:]
        return made

    def set_name(self, value: Value, name: str) -> None:
        if (
            isinstance(value, LayerObject | Instance | Chain | FunctionalModel)
            and value.name is None
        ):
            value.name = name
        if isinstance(value, list):
            for place, entry in enumerate(value):
                self.set_name(entry, f"{name}.{place}")
        elif isinstance(value, Chain) and value.kind != "Sequential":
            for key, entry in zip(value.keys, value.modules, strict=True):
                self.set_name(entry, f"{name}.{key}")

    def change_layer(self, layer: LayerObject, name: str, value: Value) -> None:
        layer_calls.change(self, layer, name, value)
