DROP TABLE restore_marks;
