DROP INDEX factors_switched_off;
