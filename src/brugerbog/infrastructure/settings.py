"""The installation's settings, from environment variables named BRUGERBOG_*."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Installation(BaseSettings):
    """Where the store and its master key are, and what this installation accepts."""

    model_config = SettingsConfigDict(env_prefix="BRUGERBOG_", extra="ignore")

    store: str = "sqlite:///brugerbog.db"
    master_key_file: Path | None = None
    allow_fictitious_cvr: bool = True
