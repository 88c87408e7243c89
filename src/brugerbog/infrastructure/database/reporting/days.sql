-- Counts of users and activities for each day.

CREATE OR REPLACE VIEW reporting.status_per_day AS
WITH lived AS (
    -- A row's phase is the user's status, except between the turns: deactivated, or with an expired link.
    SELECT
        organisation_id,
        phase,
        reporting.instant(since) AS since,
        coalesce(reporting.instant(until), 'infinity') AS until,
        CASE phase WHEN 'active' THEN 'deactivated' ELSE 'link_expired' END AS meanwhile,
        CASE phase
            WHEN 'active' THEN reporting.first_moment(deactivated_from::date)
            WHEN 'pending' THEN reporting.instant(link_expires_at)
        END AS first_turn,
        CASE phase WHEN 'active' THEN reporting.first_moment(deactivated_to::date + 1) END AS second_turn
    FROM user_list
),
stretches AS (
    SELECT
        organisation_id,
        parts.status,
        greatest(since, parts.began) AS began,
        least(until, parts.ended) AS ended
    FROM lived CROSS JOIN LATERAL (VALUES
        (phase, '-infinity'::timestamptz, coalesce(first_turn, 'infinity')),
        (meanwhile, coalesce(first_turn, 'infinity'), coalesce(second_turn, 'infinity')),
        (phase, coalesce(second_turn, 'infinity'), 'infinity')
    ) AS parts (status, began, ended)
),
changes AS (
    SELECT organisation_id, status, reporting.danish_day(began) AS day, 1 AS users
    FROM stretches WHERE began < ended AND began <= reporting.as_of()
    UNION ALL
    SELECT organisation_id, status, reporting.danish_day(ended), -1
    FROM stretches WHERE began < ended AND ended <= reporting.as_of()
),
changes_per_day AS (
    SELECT organisation_id, status, day, sum(users) AS users FROM changes GROUP BY 1, 2, 3
),
days AS (
    SELECT organisation_id, generate_series(min(day), reporting.today(), interval '1 day')::date AS day
    FROM changes_per_day GROUP BY organisation_id
),
entries AS (
    SELECT organisation_id, day, status, users FROM changes_per_day
    UNION ALL
    SELECT organisation_id, day, status, 0
    FROM days, unnest('{imported,pending,link_expired,active,deactivated}'::text[]) AS status
)
SELECT
    organisation_id,
    day,
    status,
    (sum(sum(users)) OVER (PARTITION BY organisation_id, status ORDER BY day))::bigint AS users
FROM entries
GROUP BY organisation_id, day, status;

COMMENT ON VIEW reporting.status_per_day IS 'User counts for each organisation, day since its first user, and status, at the end of the day or now.';
COMMENT ON COLUMN reporting.status_per_day.organisation_id IS 'The organisation.';
COMMENT ON COLUMN reporting.status_per_day.day IS 'The day in Copenhagen; today''s counts are the current ones.';
COMMENT ON COLUMN reporting.status_per_day.status IS 'imported, pending, link_expired, active or deactivated; link_expired: pending with an expired link.';
COMMENT ON COLUMN reporting.status_per_day.users IS 'Number of living users.';

CREATE OR REPLACE VIEW reporting.activities_per_day AS
SELECT
    organisation_id,
    day,
    service_type,
    of_user_administration,
    sum(activities)::bigint AS activities,
    count(*) AS users
FROM (
    -- Grouped by user first: counting distinct users over all rows would sort all of them.
    SELECT
        user_list.organisation_id,
        reporting.danish_day(reporting.instant(activity_history.occurred_at)) AS day,
        activity_history.service_type,
        activity_history.service_provider = 'MitID Erhverv' AS of_user_administration,
        count(*) AS activities
    FROM activity_history
    JOIN user_list ON user_list.user_id = activity_history.user_id AND user_list.until IS NULL
    GROUP BY 1, 2, 3, 4, activity_history.user_id
) AS by_user
GROUP BY organisation_id, day, service_type, of_user_administration;

COMMENT ON VIEW reporting.activities_per_day IS 'Activities of living users for each organisation and day, for the time that activities are kept.';
COMMENT ON COLUMN reporting.activities_per_day.organisation_id IS 'The organisation.';
COMMENT ON COLUMN reporting.activities_per_day.day IS 'The day in Copenhagen.';
COMMENT ON COLUMN reporting.activities_per_day.service_type IS 'Type of the service: public or private.';
COMMENT ON COLUMN reporting.activities_per_day.of_user_administration IS 'Whether the activity is one of MitID Erhverv itself and wasn''t reported by a service.';
COMMENT ON COLUMN reporting.activities_per_day.activities IS 'Number of activities.';
COMMENT ON COLUMN reporting.activities_per_day.users IS 'Number of different users.';

GRANT SELECT ON reporting.status_per_day, reporting.activities_per_day TO brugerbog_reporting;
