"""docs/states.md is drawn from the FSM, and what a diagram leaves out is found here."""

import pytest
from django.core.management import CommandError, call_command

from woop.management.drawing import page as drawn
from woop.management.drawing.diagrams import Group, View, draw, mermaid
from woop.management.drawing.moves import Edge, edges_of
from woop.management.drawing.views import MACHINES


def test_page_is_fresh():
    assert drawn.FILE.read_text() == drawn.page(), "run `manage.py draw_states`"


def test_command_writes_and_checks(tmp_path, monkeypatch):
    file = tmp_path / "docs" / "states.md"
    monkeypatch.setattr("woop.management.commands.draw_states.FILE", file)
    with pytest.raises(CommandError, match="stale"):
        call_command("draw_states", check=True)
    call_command("draw_states")
    call_command("draw_states", check=True)
    file.write_text(file.read_text() + "more")
    with pytest.raises(CommandError, match="stale"):
        call_command("draw_states", check=True)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.title)
def test_diagrams_show_every_move_and_no_other(machine):
    edges = edges_of(machine.model, machine.field)
    shown = [draw(view, edges).covered for view in machine.views]
    assert set().union(*shown) == set(edges)
    assert sum(map(len, shown)) == len(edges)  # none twice


def test_boxes_are_drawn_only_where_they_are_true():
    box = Group("box", "a box", ("B", "C"))
    edges = [Edge("A", "B"), Edge("A", "C"), Edge("B", "D"), Edge("C", "D", "override")]
    drawing = draw(View("", groups=(box,)), edges)
    assert drawing.arrows == [("A", "box", ""), ("B", "D", ""), ("C", "D", "override")]
    assert drawing.covered == set(edges)


def test_a_chain_that_is_none_is_refused():
    with pytest.raises(ValueError, match="not every later step"):
        draw(View("", chain=("A", "B", "C")), [Edge("A", "B"), Edge("B", "C")])


def test_mermaid_of_a_small_machine():
    view = View(
        "", chain=(1, 2), groups=(Group("scale", "scale", (1, 2)), Group("rest", "rest", (3, 4), True))
    )
    edges = [Edge(1, 2), *(Edge(one, two) for one in (1, 2) for two in (3, 4))]
    edges += [Edge(3, 1, "override"), Edge(4, 1, "override")]
    assert mermaid(
        view, edges, {1: "1 One", 2: "2 Two", 3: "3 Three", 4: "4 Four"}, start=1
    ).splitlines() == [
        "```mermaid",
        "flowchart LR",
        '    subgraph scale["scale"]',
        "        direction LR",
        '        s1("1 One")',
        '        s2("2 Two")',
        "    end",
        '    rest["rest"]',
        "    start(( )) --> s1",
        "    s1 --> s2",
        "    scale --> rest",
        "    rest -->|override| s1",
        "```",
    ]
