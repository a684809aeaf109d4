"""One visit to one page in headless Chromium: its bytes, its milestones, its slider.

Milestones come from the browser's own observers, installed before the page's first byte. The
phone is a Chromium whose network and processor the DevTools protocol slows down; its window has
the size of a phone, and its network delay is added to every request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from playwright.sync_api import Browser, CDPSession, Locator, Page

BITS_PER_SECOND, LATENCY_MS, SLOWDOWN = 1_600_000, 150, 4
DRAGS = 60
SETTLED_MS = 600  # From a figure's start to the first drag.
PATIENCE = 1200  # Polls, 50 ms apart.

OBSERVE = """(() => {
  const seen = (window.seen = { lcp: 0, cls: 0, tasks: [], live: null });
  const watch = (type, each) => new PerformanceObserver(
    (list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
  watch("largest-contentful-paint", (e) => { seen.lcp = e.startTime; });
  let first = 0, last = 0, session = 0;
  watch("layout-shift", (e) => {
    if (e.hadRecentInput) return;
    const old = e.startTime - last > 1000 || e.startTime - first > 5000;
    if (old) { session = 0; first = e.startTime; }
    last = e.startTime;
    session += e.value;
    seen.cls = Math.max(seen.cls, session);
  });
  watch("longtask", (e) => { seen.tasks.push([e.startTime, e.duration]); });
  new MutationObserver((changes, observer) => {
    if (!document.querySelector(".dx-alive")) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => { seen.live = performance.now(); }));
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ["class"] });
})()"""

# Names the moments of a frame in the browser's trace: the input event, and the frame it causes.
MARK_FRAMES = """() => document.addEventListener("input", () => {
  performance.mark("input");
  requestAnimationFrame(() => performance.mark("frame"));
}, true)"""
TRACED = {"includedCategories": ["disabled-by-default-devtools.timeline", "blink.user_timing"]}


@dataclass(frozen=True)
class Device:
    """A window and whether its network and processor are slowed down."""

    width: int
    height: int
    slow: bool


PHONE, DESKTOP = Device(390, 844, True), Device(1280, 900, False)


@contextmanager
def opened(browser: Browser, device: Device) -> Iterator[tuple[Page, CDPSession]]:
    """Open an empty tab of a device, with an empty cache."""
    size = {"width": device.width, "height": device.height}
    context = browser.new_context(viewport=size, is_mobile=device.slow, has_touch=device.slow)
    page = context.new_page()
    page.add_init_script(OBSERVE)
    cdp = context.new_cdp_session(page)
    cdp.send("Network.enable")
    if device.slow:
        rate = BITS_PER_SECOND / 8
        shape = {"latency": LATENCY_MS, "downloadThroughput": rate, "uploadThroughput": rate}
        cdp.send("Network.emulateNetworkConditions", {"offline": False, **shape})
        cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    yield page, cdp
    context.close()


def weigh(browser: Browser, address: str) -> dict[str, float]:
    """Count the bytes of a page on the wire, answers' headers included.

    Args:
        browser: A running browser.
        address: Of the page.

    Returns:
        Kilobytes (1000 bytes) until the page is quiet, kilobytes once it was read to its end, and
        the number of requests.
    """
    with opened(browser, DESKTOP) as (page, cdp):
        sizes: list[float] = []
        cdp.on("Network.loadingFinished", lambda e: sizes.append(e["encodedDataLength"]))
        page.goto(address, wait_until="networkidle")
        first = sum(sizes)
        _read_to_the_end(page)
        requests = sum(size > 0 for size in sizes)
        return {"kb_first": first / 1e3, "kb_read": sum(sizes) / 1e3, "requests": requests}


def _read_to_the_end(page: Page) -> None:
    page.evaluate("""async () => {
      for (let y = 0; y < document.documentElement.scrollHeight; y += 500) {
        scrollTo({ top: y, behavior: "instant" });
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30)));
      }
    }""")
    page.wait_for_load_state("networkidle")


def _until(page: Page, number: str) -> float:
    """Poll until a number is not zero; waiting inside of the page would need `unsafe-eval`."""
    for _ in range(PATIENCE):
        if value := page.evaluate(number):
            return value
        page.wait_for_timeout(50)
    raise TimeoutError(f"{number} is still unknown on {page.url}")


def milestones(browser: Browser, address: str) -> dict[str, float]:
    """Open a page on the phone and read its milestones.

    Args:
        browser: A running browser.
        address: Of the page.

    Returns:
        LCP and total blocking time in milliseconds, and CLS. Blocking time is what exceeds 50 ms
        in every long task that ends before the page has been quiet for half a second.
    """
    with opened(browser, PHONE) as (page, _):
        page.goto(address, wait_until="networkidle")
        _until(page, "seen.lcp")
        seen = page.evaluate("seen")
        blocked = sum(max(0.0, duration - 50) for _, duration in seen["tasks"])
        return {"lcp_ms": seen["lcp"], "cls": seen["cls"], "tbt_ms": blocked}


def first_live(browser: Browser, address: str, figure: str) -> float:
    """Time a link to a page's first figure until that figure is alive and painted.

    Args:
        browser: A running browser.
        address: Of the page.
        figure: The figure's id in the page.

    Returns:
        Milliseconds on the phone.
    """
    with opened(browser, PHONE) as (page, _):
        page.goto(f"{address}#{figure}")
        return _until(page, "seen.live")


def drag(browser: Browser, address: str, device: Device) -> dict[str, list[float]]:
    """Drag the first slider of each figure of a page to and fro.

    Args:
        browser: A running browser.
        address: Of the page.
        device: On which to drag.

    Returns:
        Figures that have a slider: milliseconds from each input event until its frame, painted, is
        handed to the compositor. The browser's trace tells: a task of the page that waits for the
        frame's end may have to wait for the next frames as well.
    """
    times = {}
    with opened(browser, device) as (page, cdp):
        page.goto(address, wait_until="networkidle")
        page.evaluate(MARK_FRAMES)
        for figure in page.eval_on_selector_all(".descent-figure", "all => all.map(f => f.id)"):
            page.evaluate("id => document.getElementById(id).scrollIntoView()", figure)
            page.locator(f"#{figure}.dx-alive").wait_for(timeout=60_000)
            sliders = page.locator(f"#{figure} .dx-sliders input[type=range]")
            if sliders.count():
                page.wait_for_timeout(SETTLED_MS)
                times[figure] = _drag(page, cdp, sliders.first)
    return times


def _drag(page: Page, cdp: CDPSession, slider: Locator) -> list[float]:
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    mouse = {"button": "left", "y": y}
    with _traced(page, cdp) as events:
        cdp.send("Input.dispatchMouseEvent", {"type": "mousePressed", "x": box["x"] + 9, **mouse})
        for i in range(DRAGS):
            part = abs((2 * i / DRAGS) % 2 - 1)
            x = box["x"] + 9 + (1 - part) * (box["width"] - 18)
            cdp.send("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, **mouse})
            page.wait_for_timeout(30)
        cdp.send("Input.dispatchMouseEvent", {"type": "mouseReleased", "x": x, **mouse})
        page.wait_for_timeout(100)
    return _frames(events)


@contextmanager
def _traced(page: Page, cdp: CDPSession) -> Iterator[list[dict[str, Any]]]:
    """Trace the browser during the block; the events are complete after it."""
    events: list[dict[str, Any]] = []
    ended: list[Any] = []
    cdp.on("Tracing.dataCollected", lambda found: events.extend(found["value"]))
    cdp.on("Tracing.tracingComplete", lambda told: ended.append(told))
    cdp.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": TRACED})
    yield events
    cdp.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(50)


def _frames(events: list[dict[str, Any]]) -> list[float]:
    """Find the frame of each input event and where it ends, with the commit that hands it over."""
    known = ("input", "frame", "Commit")
    seen = sorted((e["ts"], e["name"], e.get("dur", 0)) for e in events if e["name"] in known)
    begun, drawn, times = 0, False, []
    for at, name, lasted in seen:
        if name == "input" and not begun:
            begun = at
        drawn = drawn or (begun and name == "frame")
        if drawn and name == "Commit":
            times.append((at + lasted - begun) / 1e3)
            begun, drawn = 0, False
    return times


def summary(times: list[float]) -> dict[str, float]:
    """Return the median and the 95th percentile of some milliseconds, and their number."""
    cuts = quantiles(times, n=20, method="inclusive")
    return {"p50_ms": cuts[9], "p95_ms": cuts[18], "frames": len(times)}
