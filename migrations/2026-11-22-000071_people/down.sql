DROP INDEX outbox_messages_by_state_there;
DROP INDEX memberships_by_age;
DROP TABLE email_changes;
DROP TABLE invitations;
