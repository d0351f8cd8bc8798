CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE EXTENSION hstore; CREATE EXTENSION isn; CREATE EXTENSION cube; CREATE EXTENSION seg;
CREATE TABLE ext (id citext primary key, c citext[] default '{}', l ltree not null default 'a.b', la ltree[], q lquery, i10 isbn, i13 isbn13, e ean13, u upc, ism ismn, iss issn, isna isbn[], cu cube, sg seg, cn citext not null default 'Cit');
INSERT INTO ext VALUES ('Key', '{A,b,NULL}', 'Top.Science', '{a.b,NULL}', '*.a', '978-0-393-04002-9', '978-0-393-04002-9', '5901234123457', '036000291452', 'M-2306-7118-7', '0317-8471', '{978-0-393-04002-9}', '(1,2),(3,4)', '1.5 .. 2');
INSERT INTO ext(id) VALUES ('nulls');
