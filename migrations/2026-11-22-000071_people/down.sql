DROP INDEX outbox_messages_by_organization;
DROP INDEX memberships_by_age;
DROP TABLE email_changes;
DROP TABLE invitations;
