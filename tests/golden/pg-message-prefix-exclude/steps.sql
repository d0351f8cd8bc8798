BEGIN; SELECT pg_logical_emit_message(true, 'keep', 'one'); INSERT INTO ta VALUES (2, 'b'); SELECT pg_logical_emit_message(true, 'drop', 'two'); SELECT pg_logical_emit_message(true, 'keep.this', '\xdeadbeef00'::bytea); COMMIT;
SELECT pg_logical_emit_message(false, 'keep', 'three'); SELECT pg_logical_emit_message(false, '', 'four'); SELECT pg_logical_emit_message(false, 'KEEP', ''); SELECT pg_logical_emit_message(false, 'keep,x', 'é');
BEGIN; SELECT pg_logical_emit_message(false, 'keep', 'survives'); SELECT pg_logical_emit_message(true, 'keep', 'lost'); ROLLBACK;
INSERT INTO ta VALUES (3, 'c');
