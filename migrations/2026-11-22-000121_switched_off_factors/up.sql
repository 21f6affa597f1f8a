-- As 2026-11-22-000120_running_pauses.
CREATE INDEX factors_switched_off ON factors (user_id) WHERE state = 'switched_off';
