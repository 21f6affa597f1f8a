-- Whom filters of lists can find without walking the list: few people are so. Partial, so that
-- writing about anybody else costs nothing.
CREATE INDEX second_step_pauses_running ON second_step_pauses (paused_until, user_id) WHERE paused_until IS NOT NULL;
CREATE INDEX factors_switched_off ON factors (user_id) WHERE state = 'switched_off';
CREATE INDEX memberships_exempt ON memberships (exempt_until, id) WHERE exempt_until IS NOT NULL;
CREATE INDEX memberships_with_role ON memberships (role, id) WHERE role <> 'member';
CREATE INDEX users_not_active ON users (account, id) WHERE account <> 'active';
CREATE INDEX domain_identities_proving ON domain_identities (user_id) WHERE second_factor_at IS NOT NULL;
