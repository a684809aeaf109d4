"""The JavaScript engine that typesets formulas, and that tests run the page's code in."""

from concurrent.futures import ThreadPoolExecutor

from py_mini_racer import MiniRacer, init_mini_racer

# Only the thread that starts V8, and threads that it starts later, may touch V8's memory.
init_mini_racer(ignore_duplicate_init=True)


def javascript_engine() -> MiniRacer:
    """Make a JavaScript engine with an event loop of its own.

    The engine takes up the event loop of the thread that makes it. Where another library runs that
    loop, a call with a time limit would wait forever; a fresh thread has no loop to take.

    Returns:
        An engine, for this thread and those that are started after this module was imported.

    Example:
        >>> javascript_engine().eval("6 * 7")
        42
    """
    with ThreadPoolExecutor(1) as fresh:
        return fresh.submit(MiniRacer).result()
