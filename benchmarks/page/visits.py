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

from playwright.sync_api import Browser, CDPSession, Page

BITS_PER_SECOND, LATENCY_MS, SLOWDOWN = 1_600_000, 150, 4
DRAGS = 60
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

# From the input event to the first task after the frame that it caused: a message that is posted
# while the frame is made arrives when the frame has been handed over.
TIME_FRAMES = """() => {
  window.frames_ms = [];
  document.addEventListener("input", () => {
    const begun = performance.now(), channel = new MessageChannel();
    channel.port1.onmessage = () => window.frames_ms.push(performance.now() - begun);
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }, true);
}"""


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


def drag(browser: Browser, address: str, figure: str, device: Device) -> list[float]:
    """Drag the first slider of a figure to and fro.

    Args:
        browser: A running browser.
        address: Of the page.
        figure: The figure's id in the page.
        device: On which to drag.

    Returns:
        Milliseconds from each input event to its painted frame.
    """
    with opened(browser, device) as (page, cdp):
        page.goto(f"{address}#{figure}", wait_until="networkidle")
        page.locator(f"#{figure}.dx-alive").wait_for(timeout=60_000)
        slider = page.locator(f"#{figure} input[type=range]").first
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        assert box is not None
        page.evaluate(TIME_FRAMES)
        _drag(cdp, page, box)
        return page.evaluate("frames_ms")


def _drag(cdp: CDPSession, page: Page, box: Any) -> None:
    y = box["y"] + box["height"] / 2
    mouse = {"button": "left", "y": y}
    cdp.send("Input.dispatchMouseEvent", {"type": "mousePressed", "x": box["x"] + 9, **mouse})
    for i in range(DRAGS):
        part = abs((2 * i / DRAGS) % 2 - 1)
        x = box["x"] + 9 + (1 - part) * (box["width"] - 18)
        cdp.send("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, **mouse})
        page.wait_for_timeout(30)
    cdp.send("Input.dispatchMouseEvent", {"type": "mouseReleased", "x": x, **mouse})
    page.wait_for_timeout(100)


def summary(times: list[float]) -> dict[str, float]:
    """Return the median and the 95th percentile of some milliseconds, and their number."""
    cuts = quantiles(times, n=20, method="inclusive")
    return {"p50_ms": cuts[9], "p95_ms": cuts[18], "frames": len(times)}
