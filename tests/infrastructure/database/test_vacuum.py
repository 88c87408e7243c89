"""PostgreSQL's table files, rewritten: nothing of an erased user is left in any of them."""

from pathlib import Path

from brugerbog.service import Service
from tests.infrastructure.erasure.traces import found_in, live
from tests.postgres import PostgresServer
from tests.stores import create, office, somebody


def table_files(server: PostgresServer, service: Service) -> dict[str, bytes]:
    """Every file of the store's database, as it is on disk now; the write-ahead log lies elsewhere."""
    with service.log.backend.log.connect() as connection:
        connection.exec_driver_sql("CHECKPOINT")
        folder = connection.exec_driver_sql(
            "SELECT current_setting('data_directory') || '/base/' || oid FROM pg_database "
            "WHERE datname = current_database()"
        ).scalar_one()
    assert Path(folder).is_relative_to(server.folder)
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def test_after_a_scrub_no_table_file_holds_anything_of_the_erased(
    postgres_server: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    with office(postgres_url, tmp_path) as (service, actor):
        user_id = live(service, actor)
        # What the planner gathers of a column holds values of it.
        with service.log.backend.log.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("ANALYZE")
        assert found_in(table_files(postgres_server, service))
        service.administration.delete_user(actor, user_id)

        service.erase(scrub=True)

        assert found_in(table_files(postgres_server, service)) == []


def test_a_scrub_leaves_the_others_and_the_log_as_they_are(postgres_url: str, tmp_path: Path) -> None:
    with office(postgres_url, tmp_path) as (service, actor):
        kept = create(service, actor, somebody(1))
        service.administration.delete_user(actor, live(service, actor))
        before = service.log.recorder.max_notification_id()

        service.erase(scrub=True)

        assert service.log.recorder.max_notification_id() == before
        assert [user.id for user in service.queries.users(actor).users] == [kept]
        assert all(live == anew for live, anew in map(service.runner.digests, ["user_list", "due"]))
