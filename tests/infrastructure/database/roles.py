"""The scripts of deploy/ run on a database, and logins that have the roles they make."""

from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

DEPLOY = Path(__file__).parents[3] / "deploy"


def native(url: str) -> str:
    return url.replace("+psycopg", "")


def run_script(url: str, name: str, *, cvr: str = "") -> None:
    """Run one of the scripts as the owner; where it names an organisation, for this one."""
    script = (DEPLOY / name).read_text()
    with psycopg.connect(native(url), autocommit=True) as owner:
        owner.execute(script.replace("SET brugerbog.cvr = '12345678'", f"SET brugerbog.cvr = '{cvr}'"))


def login(url: str, role: str, *, acts_as_it: bool = False) -> str:
    """The address by which somebody logs in who has a role, or who is that role in all he does."""
    name, group = sql.Identifier(f"{role}_login"), sql.Identifier(role)
    with psycopg.connect(native(url), autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'proeve' IN ROLE {}").format(name, group))
        if acts_as_it:
            owner.execute(sql.SQL("ALTER ROLE {} SET role = {}").format(name, group))
    address = make_url(url).set(username=f"{role}_login", password="proeve")
    return address.render_as_string(hide_password=False)


def drop_roles(url: str, roles: Sequence[str]) -> None:
    """Leave no role behind, nor what they own in this database: roles are the whole server's."""
    with psycopg.connect(native(url), autocommit=True) as owner:
        for role in roles:
            owner.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(sql.Identifier(role)))
        for role in roles:
            owner.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(f"{role}_login")))
            owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
