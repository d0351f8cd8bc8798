CREATE SCHEMA "S";
CREATE TYPE mood AS ENUM ('sad', 'o,k', 'it''s', '"q"', ' sp ace ', '');
CREATE TYPE "Color" AS ENUM ('red', 'GREEN');
CREATE TYPE "S".other AS ENUM ('x', 'y');
CREATE TABLE en_a (m mood primary key, c "Color" default 'GREEN', o "S".other not null default 'x', ma mood[] default '{sad}', ca "Color"[], oa "S".other[]);
CREATE TABLE "S".en_b (id int primary key, o "S".other, m public.mood not null);
INSERT INTO en_a VALUES ('o,k', 'red', 'y', '{"o,k","",it''s}', '{red,GREEN}', '{x}'), ('', null, 'x', null, null, null);
INSERT INTO "S".en_b VALUES (1, 'y', '"q"');
