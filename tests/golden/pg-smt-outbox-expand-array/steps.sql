INSERT INTO outbox VALUES ('00000000-0000-0000-0000-000000000002', 'Customer', 'k2', 'Made', '[1,2,3]', 4, '2024-01-02', NULL, 1, NULL, NULL, '\xff');
INSERT INTO outbox VALUES ('00000000-0000-0000-0000-000000000003', 'order', NULL, NULL, NULL, NULL, '2024-01-03', NULL, 0, NULL, NULL, NULL);
INSERT INTO outbox VALUES ('00000000-0000-0000-0000-000000000004', 'order', 'k4', 'T', '"text"', 4, '2024-01-03', NULL, 0, 2, 'null', NULL);
INSERT INTO outbox VALUES ('00000000-0000-0000-0000-000000000005', 'order', 'k5', 'T', '{}', 4, '2024-01-03', NULL, 0, 2, '""', '\x');
INSERT INTO outbox VALUES ('00000000-0000-0000-0000-000000000006', 'order', 'k6', 'T', '{"a":"now text","big":12345678901234567890,"neg":-1,"n":[1,null],"e":1e3,"u":"\u00e9","t":true}', 4, '2024-01-03', NULL, 0, 2, '[]', '\x');

UPDATE outbox SET type = 'changed' WHERE aggregateid = 'k2'; DELETE FROM outbox; INSERT INTO outbox(id, aggregatetype, aggregateid, type, payload, at, part) VALUES ('00000000-0000-0000-0000-000000000007', 'last', 'k', 'T', '{"z": 1}', '2024-01-04', 0);
