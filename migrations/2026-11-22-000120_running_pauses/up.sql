-- Whom filters of lists find without walking the list: few people are so. Partial, so that writing about
-- anybody else costs nothing. One index for each migration, so that on PostgreSQL no table waits for another.
CREATE INDEX second_step_pauses_running ON second_step_pauses (paused_until, user_id) WHERE paused_until IS NOT NULL;
