"""Search in a real browser: terms, claims and exercises by kind, on a host and from disk."""

import pytest


def search(visit, query: str, **options):
    seen = visit(f"search.html?q={query}", **options)
    seen.page.locator("#finder-status:not(:empty)").wait_for()
    return seen


def groups(page) -> list[str]:
    return page.locator("#finder-results h2").all_inner_texts()


@pytest.mark.parametrize("place", ["host", "disk"])
def test_each_kind_has_its_group(visit, html_dir, place):
    options = {"base": html_dir.as_uri() + "/"} if place == "disk" else {}
    seen = search(visit, "sharpness", **options)
    kinds = [name.partition(" (")[0] for name in groups(seen.page)]
    assert kinds == ["Glossary", "Claims", "Exercises and checks"]
    assert seen.page.locator("#finder-results a").first.inner_text().startswith("sharpness")
    seen.page.locator("#search-results li").first.wait_for()
    seen.page.locator("#search-results h2", has_text="Pages").wait_for()
    # The glossary's page may be among the pages; its terms are not listed a second time.
    assert seen.page.locator("#search-results a[href*='#term-']").count() == 0
    assert seen.faults == []


def test_an_excerpt_shows_a_formula_once(visit):
    page = search(visit, "isotropic").page
    excerpt = page.locator("#search-results li", has_text="Noise and escape").locator(".context")
    # Its LaTeX source, which screen readers get, would repeat it: d1=1.8d_1=1.8.
    assert "d_1" not in excerpt.first.inner_text()


def test_a_number_finds_the_claim_that_prints_it(visit):
    seen = search(visit, "0.980198")
    link = seen.page.locator("#finder-results a").first
    assert "0.980198" in link.inner_text()
    assert (
        "verified by test_gradient_descent_rates"
        in seen.page.locator(".context").first.inner_text()
    )
    link.focus()
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url("**/ill_conditioning.html#claim-*")
    target = seen.page.url.partition("#")[2]
    assert "0.818182" in seen.page.locator(f"#{target}").inner_text()


@pytest.mark.parametrize("query", ["锐度", "锐"])
def test_chinese_finds_a_term_in_its_language(visit, query):
    page = search(visit, query).page
    assert groups(page)[0].startswith("Glossary")
    link = page.locator("#finder-results a", has=page.locator("[lang=zh-Hans]", has_text="锐度"))
    assert link.count() == 1
    assert "glossary.html#term-sharpness" in link.get_attribute("href")


def test_an_exercise_is_found_with_its_kind(visit):
    page = search(visit, "thousand times closer").page
    assert groups(page)[-1].startswith("Exercises and checks")
    best = page.locator("#finder-results section").last.locator("li").first
    assert "predict · Exercises" in best.inner_text()
    best.locator("a").click()
    assert "ill_conditioning.html#a-thousand-times-closer" in page.url


def test_a_long_group_opens_on_request_and_moves_the_focus(visit):
    page = search(visit, "the").page
    more = page.locator(".finder-more").first
    shown = page.locator("#finder-results section").first.locator("li").count()
    more.focus()
    page.keyboard.press("Enter")
    after = page.locator("#finder-results section").first.locator("li").count()
    assert shown == 5 < after
    focused = page.evaluate("document.activeElement.closest('li') !== null")
    assert focused


def test_nothing_found_is_said_and_markup_stays_text(visit):
    seen = search(visit, "%3Cimg src=x onerror=alert(1)%3E")
    assert (
        "No term, claim or exercise matches “<img"
        in seen.page.locator("#finder-status").inner_text()
    )
    assert seen.page.locator("#finder-results img, #finder-status img").count() == 0
    assert seen.faults == []


def test_the_index_is_small_and_only_the_search_page_loads_it(visit, look, html_dir):
    assert (html_dir / "_static/finder-index.js").stat().st_size < 600_000
    assert any("finder-index" in url for url in search(visit, "x").requests)
    assert not any("finder" in url for url in look("book/glossary.html").requests)


def test_results_fit_a_phone(visit):
    page = search(visit, "gradient", width=390, height=844).page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
