INSERT INTO en_a VALUES (' sp ace ', 'red', 'y', '{"o,k","",it''s}', '{red,GREEN}', '{x}'), ('it''s', null, 'x', null, null, null);
UPDATE en_a SET m = 'sad' WHERE m = '';
UPDATE "S".en_b SET m = 'sad';
DELETE FROM "S".en_b;
