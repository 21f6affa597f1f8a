DROP INDEX domain_identities_proving;
DROP INDEX users_not_active;
DROP INDEX memberships_with_role;
DROP INDEX memberships_exempt;
DROP INDEX factors_switched_off;
DROP INDEX second_step_pauses_running;
