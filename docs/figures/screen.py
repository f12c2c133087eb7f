#!/usr/bin/env python3
"""A picture of a page in headless Chromium (docs/figures/make.sh): screen.py ADDRESS FILE.png [--dark]

What the browser reports as an error ends it with 1."""
import shutil
import sys
import time

from selenium import webdriver

WIDTH, HEIGHT = 1100, 900  # CSS pixels


def main(address, path, *how):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        driver.set_window_size(WIDTH, HEIGHT)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if "--dark" in how else "light"}]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
        driver.get(address)
        time.sleep(5)  # two polls of the live page
        driver.save_screenshot(path)
        errors = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
    finally:
        driver.quit()
    print(*errors, sep="\n", file=sys.stderr, end="")
    return 1 if errors else 0


sys.exit(main(*sys.argv[1:]))
