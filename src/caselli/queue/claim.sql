-- The first deliveries of each waiting extension that may go out by one trunk now. The trunks' rows are locked by the
-- caller, in this transaction, by an earlier statement: only so does this one see what other dialers have committed.
-- A sandbox's fax goes by a sandbox's trunk alone. What was tried in vain on this trunk goes by another that is free
-- and was not, or longer ago. Where this trunk is down, or has just failed this fax, and another leads there of which
-- that is not true, the fax waits for the other, also when that is full: else its dials were used up in a moment.
SELECT first.id,
       first.destination,
       waiting.organization_id,
       waiting.extension_id,
       extract(epoch FROM first.queued_at)::float8 AS queued_at
FROM unnest(%(organizations)s::bigint[], %(extensions)s::bigint[], %(since)s::float8[])
     AS waiting (organization_id, extension_id, since)
CROSS JOIN LATERAL (
    SELECT delivery.id, delivery.destination, delivery.queued_at
    FROM store_delivery delivery
    WHERE delivery.status = 'queued'
      AND delivery.organization_id = waiting.organization_id
      AND delivery.extension_id = waiting.extension_id
      AND delivery.queued_at >= to_timestamp(waiting.since)
      AND delivery.to_extension_id IS NULL
      AND starts_with(delivery.destination, %(prefix)s)
      AND (%(sandbox)s OR NOT delivery.sandbox)
      AND NOT EXISTS (
          SELECT FROM store_delivery other
          WHERE other.destination = delivery.destination AND other.status = 'sending' AND other.to_extension_id IS NULL
      )
      AND NOT EXISTS (
          SELECT FROM store_trunktest test
          WHERE test.number = delivery.destination AND test.ended_at IS NULL AND test.taken_at IS NOT NULL
      )
      AND NOT (
          (%(is_down)s OR delivery.dials > 0) AND EXISTS (
              SELECT
              FROM unnest(
                       %(others)s::bigint[], %(owners)s::bigint[], %(prefixes)s::text[], %(sandboxes)s::bool[],
                       %(rooms)s::bool[], %(are_down)s::bool[]
                   ) AS trunk (id, organization_id, prefix, sandbox, has_room, is_down)
              CROSS JOIN LATERAL (
                  SELECT coalesce(max(attempt.number) FILTER (WHERE attempt.trunk_id = trunk.id), 0) AS there,
                         coalesce(max(attempt.number) FILTER (WHERE attempt.trunk_id = %(trunk)s), 0) AS here,
                         coalesce(bool_or(attempt.ended_at > %(fresh)s AND attempt.trunk_id = trunk.id), false)
                         AS just_there,
                         coalesce(bool_or(attempt.ended_at > %(fresh)s AND attempt.trunk_id = %(trunk)s), false)
                         AS just_here
                  FROM store_attempt attempt
                  WHERE delivery.dials > 0
                    AND attempt.delivery_id = delivery.id
                    AND attempt.cause = ANY(%(down)s)
              ) failed
              WHERE (trunk.organization_id IS NULL OR trunk.organization_id = waiting.organization_id)
                AND starts_with(delivery.destination, trunk.prefix)
                AND (trunk.sandbox OR NOT delivery.sandbox)
                AND (
                    (trunk.has_room AND failed.there < failed.here)
                    OR ((%(is_down)s OR failed.just_here) AND NOT (trunk.is_down OR failed.just_there))
                )
          )
      )
    ORDER BY delivery.priority DESC, delivery.queued_at, delivery.id
    LIMIT %(window)s
) first
