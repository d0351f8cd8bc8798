CREATE SCHEMA other;
CREATE TABLE ta (id int primary key, v text); CREATE TABLE tb (id int primary key, v text); CREATE TABLE other.ta (id int primary key, v text); CREATE TABLE tkey (k text primary key, v text); CREATE TABLE "Aa" (id int primary key); CREATE TABLE "BB" (id int primary key); CREATE TABLE not_captured (id int);
INSERT INTO ta VALUES (1, 'a');
