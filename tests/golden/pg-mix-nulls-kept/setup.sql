CREATE EXTENSION hstore;
CREATE DOMAIN d_num AS numeric(8,3);
CREATE DOMAIN d_ts AS timestamp(2);
CREATE DOMAIN d_tz AS timestamptz(1) NOT NULL;
CREATE TABLE mix (id int primary key,
 n numeric, n2 numeric(12,4) default null, n3 numeric(6,0) not null default 7, na numeric(10,2)[], nv numeric[], dn d_num default 1.5, dna d_num[],
 t0 time(0), t3 time(3) default '01:02:03.004', t6 time, ta time[], ta3 time(3)[], ts0 timestamp(0), ts3 timestamp(3) not null default '2001-02-03 04:05:06.789', ts6 timestamp default null, tsa timestamp[], ts3a timestamp(3)[], dts d_ts, dtz d_tz,
 d date default '2020-02-29', da date[], tz timetz, tza timetz[], tt timestamptz, tta timestamptz[],
 iv interval default '1 day 02:00:00', ivn interval not null default '0', b bytea, bn bytea not null default '\x00', ba bytea[], h hstore, hn hstore not null default 'a=>1', ha hstore[], m money, mn money not null default 0, j json default '{}', ja jsonb[],
 r int4range, ra numrange[], u uuid default '00000000-0000-0000-0000-000000000001', ua uuid[], bo boolean default null, boa boolean[], f real[], g float8[], bt bit(3), bv varbit(12), bta bit(3)[]);
INSERT INTO mix(id, dtz) VALUES (1, '2020-01-01 00:00:00.25+02');
INSERT INTO mix VALUES (2, 12345.67890, -1.5, 999999, '{1.1,NULL,-99999999.99}', '{1,1.10,1e20,NULL}', -12345.678, '{1.5,NULL}',
 '23:59:59', '24:00:00', '11:51:30.123789', '{00:00:00.000001,NULL,24:00:00}', '{01:02:03.456}', '1969-12-31 23:59:59', '1969-12-31 23:59:59.999', '2024-02-29 12:00:00.123456', '{"2024-01-01 00:00:00",NULL,"1900-01-01 00:00:00.5"}', '{"2024-01-01 00:00:00.123"}', '2000-01-01 00:00:00.99', '1999-12-31 23:00:00.1-05',
 '1969-12-31', '{2024-01-01,NULL,1969-12-31}', '10:00:00.5-03:30', '{10:00:00+02,NULL}', '2024-06-01 12:00:00.1+02', '{"2024-06-01 12:00:00+02",NULL}',
 '1 year 2 mons -3 days 04:05:06.789', '-1 mon', '\xfbff3e3f00', '\x', '{"\\xfbff",NULL,"\\x"}', '"key5"=>NULL,"key4"=>"v\"4","a"=>""', '', '{"a=>1","b=>NULL"}', 12.345, -0.01, '{"a" : 1.50, "b":[1, 2]}', '{"{\"x\": 1}",NULL}',
 '[1,5]', '{"[1.5,2)",empty}', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,NULL}', true, '{t,f,NULL}', '{1.5,NULL,NaN}', '{1e7,-Infinity}', B'101', B'1', '{101,010}');
ALTER TABLE mix REPLICA IDENTITY FULL;
