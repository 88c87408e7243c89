-- Functions shared by the views. The rules are those of domain/values/status.py and domain/kernel/days.py.

CREATE OR REPLACE FUNCTION reporting.as_of() RETURNS timestamptz LANGUAGE sql STABLE
    RETURN now();
COMMENT ON FUNCTION reporting.as_of() IS 'The instant of which all views tell: now.';

CREATE OR REPLACE FUNCTION reporting.instant(microseconds bigint) RETURNS timestamptz LANGUAGE sql STABLE
    RETURN timestamptz 'epoch' + microseconds * interval '1 microsecond';
COMMENT ON FUNCTION reporting.instant(bigint) IS 'An instant from microseconds since 1970 (UTC).';

CREATE OR REPLACE FUNCTION reporting.danish_day(instant timestamptz) RETURNS date LANGUAGE sql IMMUTABLE
    RETURN (instant AT TIME ZONE 'Europe/Copenhagen')::date;
COMMENT ON FUNCTION reporting.danish_day(timestamptz) IS 'The date in Copenhagen at an instant.';

CREATE OR REPLACE FUNCTION reporting.today() RETURNS date LANGUAGE sql STABLE
    RETURN reporting.danish_day(reporting.as_of());
COMMENT ON FUNCTION reporting.today() IS 'The date in Copenhagen now.';

CREATE OR REPLACE FUNCTION reporting.first_moment(day date) RETURNS timestamptz LANGUAGE sql IMMUTABLE
    RETURN day::timestamp AT TIME ZONE 'Europe/Copenhagen';
COMMENT ON FUNCTION reporting.first_moment(date) IS 'The instant at which a date begins in Copenhagen.';

CREATE OR REPLACE FUNCTION reporting.status_at(
    phase text, deactivated_from date, deactivated_to date, instant timestamptz
) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN CASE
        WHEN phase = 'active'
            AND deactivated_from <= reporting.danish_day(instant)
            AND (deactivated_to IS NULL OR deactivated_to >= reporting.danish_day(instant))
        THEN 'deactivated'
        ELSE phase
    END;
COMMENT ON FUNCTION reporting.status_at(text, date, date, timestamptz) IS
    'The status at an instant of a user in this phase, deactivated on these days, both included.';

CREATE OR REPLACE FUNCTION reporting.has_expired(phase text, link_expires_at timestamptz, instant timestamptz)
RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN coalesce(phase = 'pending' AND link_expires_at <= instant, false);
COMMENT ON FUNCTION reporting.has_expired(text, timestamptz, timestamptz) IS
    'Whether a user in this phase waits at an instant with a link that is no longer good.';

CREATE OR REPLACE FUNCTION reporting.unavailable() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RAISE EXCEPTION 'this view waits for read tables to be built anew'
        USING HINT = 'Try again later. If it stays so, the operator runs: brugerbog store reporting';
END $$;
COMMENT ON FUNCTION reporting.unavailable() IS 'Stands in a view that can tell nothing for the time being.';

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA reporting TO brugerbog_reporting;
