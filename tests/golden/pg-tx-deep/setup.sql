CREATE SCHEMA other;
CREATE TABLE ta (id int primary key, v text); CREATE TABLE tb (id int primary key, v text); CREATE TABLE other.ta (id int primary key, v text); CREATE TABLE tkey (k text primary key, v text); CREATE TABLE "Aa" (id int primary key); CREATE TABLE "BB" (id int primary key); CREATE TABLE not_captured (id int);
INSERT INTO ta VALUES (1, 'a');

CREATE TABLE tchild (id int primary key, t int references ta on delete cascade on update cascade); INSERT INTO tchild VALUES (1, 1); CREATE TABLE tlog (n serial primary key, what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO tlog(what) VALUES (TG_OP || ' ' || TG_TABLE_NAME); RETURN NULL; END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON ta FOR EACH ROW EXECUTE FUNCTION note();
