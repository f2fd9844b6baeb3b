-- Deliveries that may go on the line now, each with its trunk. The trunks' rows are locked by the caller, in this
-- transaction, by an earlier statement: only so do the counts below see what other dialers have committed.
WITH capacity AS (
    SELECT trunk.id, trunk.organization_id, trunk.prefix, trunk.position,
           trunk.channels - (
               SELECT count(*) FROM store_delivery busy WHERE busy.trunk_id = trunk.id AND busy.status = 'sending'
           ) AS free
    FROM store_trunk trunk
    WHERE trunk.enabled
), waiting AS (
    SELECT delivery.id, delivery.destination, delivery.organization_id, delivery.priority, delivery.queued_at
    FROM store_delivery delivery
    WHERE delivery.status = 'queued'
      AND delivery.to_extension_id IS NULL
      AND NOT EXISTS (
          SELECT FROM store_delivery other WHERE other.destination = delivery.destination AND other.status = 'sending'
      )
    ORDER BY delivery.priority DESC, delivery.queued_at, delivery.id
    LIMIT %(window)s
), first_to_number AS (
    SELECT DISTINCT ON (destination) * FROM waiting ORDER BY destination, priority DESC, queued_at, id
), routed AS (
    SELECT first_to_number.*, route.id AS trunk_id, route.free,
           row_number() OVER (
               PARTITION BY route.id ORDER BY first_to_number.priority DESC, first_to_number.queued_at, first_to_number.id
           ) AS place
    FROM first_to_number
    CROSS JOIN LATERAL (
        SELECT capacity.id, capacity.free
        FROM capacity
        WHERE (capacity.organization_id IS NULL OR capacity.organization_id = first_to_number.organization_id)
          AND starts_with(first_to_number.destination, capacity.prefix)
        ORDER BY capacity.free <= 0, capacity.position, capacity.id
        LIMIT 1
    ) route
)
SELECT delivery.id, routed.trunk_id
FROM routed
JOIN store_delivery delivery ON delivery.id = routed.id
WHERE routed.place <= routed.free AND delivery.status = 'queued'
ORDER BY routed.priority DESC, routed.queued_at, routed.id
LIMIT %(most)s
FOR UPDATE OF delivery SKIP LOCKED
