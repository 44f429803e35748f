import sys
import time

from launcher.children import Child, Children


def test_child_that_may_end_is_let_go(tmp_path):
    said = []
    children = Children(said.append)
    command = [sys.executable, "-c", "pass"]
    child = children.start(Child("visitors", command, tmp_path / "log", may_end=True))
    child.process.wait(10)
    first = child.process.pid
    for _ in range(3):
        children.tend()
        time.sleep(0.1)
    assert (child.process.pid, said) == (first, [])
    children.end()


def test_child_that_may_end_but_fails_is_started_again(tmp_path):
    said = []
    children = Children(said.append)
    command = [sys.executable, "-c", "raise SystemExit(1)"]
    child = children.start(Child("visitors", command, tmp_path / "log", may_end=True))
    child.process.wait(10)
    children.tend()
    assert said == ["The visitors ended (exit code 1): starting it again."]
    children.end()
