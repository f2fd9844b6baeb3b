-- Who waits for a line: each extension with queued deliveries, and when it and its organization last got one. Times are
-- seconds of the epoch, which cost Python less. A loose index scan over delivery_queued: as many steps as there are
-- extensions that wait, however much each of them has.
WITH RECURSIVE step AS (
    (
        SELECT organization_id, extension_id
        FROM store_delivery
        WHERE status = 'queued'
        ORDER BY organization_id, extension_id
        LIMIT 1
    )
    UNION ALL
    SELECT further.organization_id, further.extension_id
    FROM step
    CROSS JOIN LATERAL (
        SELECT organization_id, extension_id
        FROM store_delivery
        WHERE status = 'queued' AND (organization_id, extension_id) > (step.organization_id, step.extension_id)
        ORDER BY organization_id, extension_id
        LIMIT 1
    ) further
)
SELECT step.organization_id,
       step.extension_id,
       extract(epoch FROM statement_timestamp() - make_interval(hours => organization.queue_hours))::float8 AS since,
       (
           SELECT extract(epoch FROM max(turn.at))::float8
           FROM store_turn turn
           WHERE turn.organization_id = step.organization_id
       ) AS organization_turn,
       (
           SELECT extract(epoch FROM turn.at)::float8 FROM store_turn turn WHERE turn.extension_id = step.extension_id
       ) AS extension_turn
FROM step
JOIN store_organization organization ON organization.id = step.organization_id AND organization.enabled
JOIN store_extension extension ON extension.id = step.extension_id AND extension.fax_enabled
