DROP INDEX domain_identities_proving;
