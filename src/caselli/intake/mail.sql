-- A mail that nobody has taken yet becomes a row with the promise to open it, and its file is held on the shelf until
-- the transaction ends. No row comes back where its fingerprint is known already.
WITH mail AS (
    INSERT INTO store_incomingmail (
        uid, via, state, fingerprint, message_id, sender, subject, extension_id, automatic, reverse_path, helo,
        client_ip, blob, size, received_at, tries, next_try_at, refusal, words, left_out, spf, dkim, dmarc, judged_by
    )
    VALUES (
        %(uid)s, %(via)s, %(state)s, %(fingerprint)s, %(message_id)s, %(sender)s, %(subject)s, %(extension_id)s,
        %(automatic)s, %(reverse_path)s, %(helo)s, %(client_ip)s, %(blob)s, %(size)s, %(received_at)s, 0,
        %(next_try_at)s, '', '', '[]', %(spf)s, %(dkim)s, %(dmarc)s, %(judged_by)s
    )
    ON CONFLICT (fingerprint) DO NOTHING
    RETURNING id
)
-- The job as the library's own statement writes it ("defer_jobs" of procrastinate/sql/queries.sql).
SELECT
    id,
    pg_advisory_xact_lock_shared(%(shelf_key)s),
    procrastinate_defer_jobs_v1(
        ARRAY[ROW('default', %(task)s, 0, NULL, NULL, jsonb_build_object('mail_id', id), NULL)
              ::procrastinate_job_to_defer_v1]
    )
FROM mail
