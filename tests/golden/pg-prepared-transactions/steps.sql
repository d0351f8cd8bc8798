BEGIN; UPDATE accounts SET balance = balance - 5 WHERE id = 1; UPDATE accounts SET balance = balance + 5 WHERE id = 2; INSERT INTO journal(what) VALUES ('one to two'); PREPARE TRANSACTION 'a';
INSERT INTO journal(what) VALUES ('while a is prepared');
--@settle
COMMIT PREPARED 'a';
--@settle
BEGIN; INSERT INTO accounts VALUES (4, 'Dot', 1); DELETE FROM accounts WHERE id = 3; PREPARE TRANSACTION 'rolled back';
INSERT INTO journal(what) VALUES ('b is prepared');
ROLLBACK PREPARED 'rolled back';
INSERT INTO journal(what) VALUES ('b is rolled back');
--@settle
BEGIN; INSERT INTO accounts VALUES (5, 'Eve', 1); SAVEPOINT s; UPDATE accounts SET balance = 99 WHERE id = 5; ROLLBACK TO s; UPDATE accounts SET id = 6 WHERE id = 5; PREPARE TRANSACTION 'first';
BEGIN; INSERT INTO accounts VALUES (7, 'Fay', 1); TRUNCATE journal; SELECT pg_logical_emit_message(true, 'note', 'in the second'); PREPARE TRANSACTION 'second';
COMMIT PREPARED 'second';
INSERT INTO journal(what) VALUES ('second came before first');
COMMIT PREPARED 'first';
--@settle
BEGIN; ALTER TABLE accounts ADD COLUMN mail text DEFAULT 'none'; UPDATE accounts SET mail = owner || '@x' WHERE id = 1; PREPARE TRANSACTION 'with DDL';
COMMIT PREPARED 'with DDL';
--@settle
UPDATE accounts SET balance = 0 WHERE id = 2;
BEGIN; PREPARE TRANSACTION 'empty'; COMMIT PREPARED 'empty';
BEGIN; UPDATE accounts SET owner = 'Gus' WHERE id = 1; PREPARE TRANSACTION 'over the stop';
--@settle
--@rest PUT /connectors/pg-prepared-transactions/stop
--@wait-stopped
COMMIT PREPARED 'over the stop';
INSERT INTO journal(what) VALUES ('while stopped');
BEGIN; UPDATE accounts SET owner = 'Hal' WHERE id = 1; PREPARE TRANSACTION 'after the start';
--@rest PUT /connectors/pg-prepared-transactions/resume
--@wait-streaming
--@settle
COMMIT PREPARED 'after the start';
INSERT INTO journal(what) VALUES ('end');
