DROP INDEX outbox_messages_by_organization;
DROP TABLE api_tokens;
