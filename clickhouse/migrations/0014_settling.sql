-- How long a contact may still change is the longest of three times of its organisation, of which only `recovery_ms` was
-- here: whoever asks the store without Kafka needs the other two. Until the directory is loaded anew, at the next start,
-- they are the defaults.
ALTER TABLE dim_organisations $on_cluster
    ADD COLUMN IF NOT EXISTS contact_gap_ms UInt64 DEFAULT 900000
        COMMENT 'How long after its end another call still joins a contact, ms' AFTER recovery_ms,
    ADD COLUMN IF NOT EXISTS attribution_ms UInt64 DEFAULT 900000
        COMMENT 'How long after its end a call can still bring an order, ms' AFTER contact_gap_ms;
