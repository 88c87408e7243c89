-- Current users, their means, pending activations, and the history of users.

CREATE OR REPLACE VIEW reporting.users AS
SELECT
    user_id,
    organisation_id,
    reporting.status_at(phase, deactivated_from::date, deactivated_to::date, reporting.as_of()) AS status,
    anonymous,
    asks_for_anonymity,
    p_number,
    se_number,
    ean,
    target_ial,
    string_to_array(means, ',') AS assigned_means,
    string_to_array(ordered_means, ',') AS ordered_means,
    string_to_array(active_means, ',') AS active_means,
    cardinality(string_to_array(rights, E'\n')) AS rights_count,
    can_sign,
    cardinality(string_to_array(sealing_profiles, E'\n')) AS sealing_profile_count,
    reporting.instant(created_at) AS created_at,
    deactivated_from::date AS deactivated_from,
    deactivated_to::date AS deactivated_to,
    reporting.instant(link_expires_at) AS link_expires_at,
    reporting.has_expired(phase, reporting.instant(link_expires_at), reporting.as_of()) AS link_has_expired
FROM user_list
WHERE until IS NULL;

COMMENT ON VIEW reporting.users IS 'The current state of each living user, one row each. Deleted users are not included.';
COMMENT ON COLUMN reporting.users.user_id IS 'The user''s UUID. It reveals nothing about the user''s identity.';
COMMENT ON COLUMN reporting.users.organisation_id IS 'The user''s organisation.';
COMMENT ON COLUMN reporting.users.status IS 'Status today in Copenhagen: imported, pending, active or deactivated.';
COMMENT ON COLUMN reporting.users.anonymous IS 'Whether the user is anonymous: services see no name.';
COMMENT ON COLUMN reporting.users.asks_for_anonymity IS 'Whether a request for anonymity is open.';
COMMENT ON COLUMN reporting.users.p_number IS 'P-number, 10 digits.';
COMMENT ON COLUMN reporting.users.se_number IS 'SE-number, 8 digits.';
COMMENT ON COLUMN reporting.users.ean IS 'Invoice method: an EAN, 13 digits.';
COMMENT ON COLUMN reporting.users.target_ial IS 'Identity assurance level: substantial or high.';
COMMENT ON COLUMN reporting.users.assigned_means IS 'Kinds of the assigned means; a kind that was assigned twice is listed twice.';
COMMENT ON COLUMN reporting.users.ordered_means IS 'Kinds of the means that are ordered and not yet active.';
COMMENT ON COLUMN reporting.users.active_means IS 'Kinds of the active means.';
COMMENT ON COLUMN reporting.users.rights_count IS 'Number of the user''s rights.';
COMMENT ON COLUMN reporting.users.can_sign IS 'Whether the user may sign for the organisation.';
COMMENT ON COLUMN reporting.users.sealing_profile_count IS 'Number of certificate profiles with which the user may seal.';
COMMENT ON COLUMN reporting.users.created_at IS 'When the user was created or imported.';
COMMENT ON COLUMN reporting.users.deactivated_from IS 'First day of a current or future deactivation.';
COMMENT ON COLUMN reporting.users.deactivated_to IS 'Last day of that deactivation, included; NULL when open-ended.';
COMMENT ON COLUMN reporting.users.link_expires_at IS 'Expiry of the latest activation link; NULL once the user is active.';
COMMENT ON COLUMN reporting.users.link_has_expired IS 'Whether the user is pending and the link has expired.';

CREATE OR REPLACE VIEW reporting.user_names WITH (security_barrier) AS
SELECT user_id, organisation_id, first_name, surname, email, phone, reference_text
FROM user_list
WHERE until IS NULL AND NOT anonymous;

COMMENT ON VIEW reporting.user_names IS 'Names and contact data of each living user who isn''t anonymous. For brugerbog_reporting_names only.';
COMMENT ON COLUMN reporting.user_names.user_id IS 'The user, as in users.';
COMMENT ON COLUMN reporting.user_names.organisation_id IS 'The user''s organisation.';
COMMENT ON COLUMN reporting.user_names.first_name IS 'First name.';
COMMENT ON COLUMN reporting.user_names.surname IS 'Surname.';
COMMENT ON COLUMN reporting.user_names.email IS 'E-mail address.';
COMMENT ON COLUMN reporting.user_names.phone IS 'Phone number, 8 digits.';
COMMENT ON COLUMN reporting.user_names.reference_text IS 'The organisation''s own note on the user.';

CREATE OR REPLACE VIEW reporting.means AS
SELECT
    user_list.user_id,
    user_list.organisation_id,
    held.means,
    count(*) FILTER (WHERE held.how = 'assigned') AS assigned,
    count(*) FILTER (WHERE held.how = 'ordered') AS ordered,
    count(*) FILTER (WHERE held.how = 'active') AS active
FROM user_list
CROSS JOIN LATERAL (
    SELECT 'assigned' AS how, unnest(string_to_array(user_list.means, ',')) AS means
    UNION ALL
    SELECT 'ordered', unnest(string_to_array(user_list.ordered_means, ','))
    UNION ALL
    SELECT 'active', unnest(string_to_array(user_list.active_means, ','))
) AS held
WHERE user_list.until IS NULL
GROUP BY user_list.user_id, user_list.organisation_id, held.means;

COMMENT ON VIEW reporting.means IS 'Counts of means, one row for each living user and kind of means that the user has.';
COMMENT ON COLUMN reporting.means.user_id IS 'The user.';
COMMENT ON COLUMN reporting.means.organisation_id IS 'The user''s organisation.';
COMMENT ON COLUMN reporting.means.means IS 'private, shared, app, code_display, audio_code_reader or chip.';
COMMENT ON COLUMN reporting.means.assigned IS 'Number of assigned means.';
COMMENT ON COLUMN reporting.means.ordered IS 'Number of means that are ordered and not yet active.';
COMMENT ON COLUMN reporting.means.active IS 'Number of active means.';

CREATE OR REPLACE VIEW reporting.pending_activations AS
SELECT
    user_id,
    organisation_id,
    reporting.instant(pending_since) AS pending_since,
    reporting.today() - reporting.danish_day(reporting.instant(pending_since)) AS days,
    reporting.instant(link_expires_at) AS link_expires_at,
    reporting.has_expired(phase, reporting.instant(link_expires_at), reporting.as_of()) AS link_has_expired
FROM standing
WHERE phase = 'pending';

COMMENT ON VIEW reporting.pending_activations IS 'Users who were asked to activate and haven''t yet, one row each.';
COMMENT ON COLUMN reporting.pending_activations.user_id IS 'The user.';
COMMENT ON COLUMN reporting.pending_activations.organisation_id IS 'The user''s organisation.';
COMMENT ON COLUMN reporting.pending_activations.pending_since IS 'Since when the user is pending.';
COMMENT ON COLUMN reporting.pending_activations.days IS 'Number of days since then, in Copenhagen.';
COMMENT ON COLUMN reporting.pending_activations.link_expires_at IS 'Expiry of the latest link.';
COMMENT ON COLUMN reporting.pending_activations.link_has_expired IS 'Whether that link has expired.';

CREATE OR REPLACE VIEW reporting.user_history AS
SELECT
    user_id,
    organisation_id,
    reporting.instant(since) AS valid_from,
    reporting.instant(until) AS valid_to,
    phase,
    anonymous,
    p_number,
    se_number,
    ean,
    target_ial,
    string_to_array(means, ',') AS assigned_means,
    string_to_array(ordered_means, ',') AS ordered_means,
    string_to_array(active_means, ',') AS active_means,
    cardinality(string_to_array(rights, E'\n')) AS rights_count,
    can_sign,
    reporting.instant(created_at) AS created_at,
    deactivated_from::date AS deactivated_from,
    deactivated_to::date AS deactivated_to,
    reporting.instant(link_expires_at) AS link_expires_at
FROM user_list;

COMMENT ON VIEW reporting.user_history IS 'The history of each user, including deleted users: one row for each period without a change.';
COMMENT ON COLUMN reporting.user_history.user_id IS 'The user.';
COMMENT ON COLUMN reporting.user_history.organisation_id IS 'The user''s organisation.';
COMMENT ON COLUMN reporting.user_history.valid_from IS 'Start of the period.';
COMMENT ON COLUMN reporting.user_history.valid_to IS 'End of the period, not included; NULL for the current row.';
COMMENT ON COLUMN reporting.user_history.phase IS 'imported, pending or active; reporting.status_at(phase, deactivated_from, deactivated_to, instant) returns the status.';
COMMENT ON COLUMN reporting.user_history.anonymous IS 'As in users.';
COMMENT ON COLUMN reporting.user_history.p_number IS 'As in users.';
COMMENT ON COLUMN reporting.user_history.se_number IS 'As in users.';
COMMENT ON COLUMN reporting.user_history.ean IS 'As in users.';
COMMENT ON COLUMN reporting.user_history.target_ial IS 'As in users.';
COMMENT ON COLUMN reporting.user_history.assigned_means IS 'As in users.';
COMMENT ON COLUMN reporting.user_history.ordered_means IS 'As in users.';
COMMENT ON COLUMN reporting.user_history.active_means IS 'As in users.';
COMMENT ON COLUMN reporting.user_history.rights_count IS 'As in users.';
COMMENT ON COLUMN reporting.user_history.can_sign IS 'As in users.';
COMMENT ON COLUMN reporting.user_history.created_at IS 'As in users.';
COMMENT ON COLUMN reporting.user_history.deactivated_from IS 'As in users.';
COMMENT ON COLUMN reporting.user_history.deactivated_to IS 'As in users.';
COMMENT ON COLUMN reporting.user_history.link_expires_at IS 'As in users.';

GRANT SELECT ON reporting.users, reporting.means, reporting.pending_activations, reporting.user_history
    TO brugerbog_reporting;
GRANT SELECT ON reporting.user_names TO brugerbog_reporting_names;
