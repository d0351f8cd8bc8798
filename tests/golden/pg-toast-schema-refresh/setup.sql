CREATE TABLE big (id int primary key, n int, t text, u text not null); ALTER TABLE big ALTER t SET STORAGE EXTERNAL, ALTER u SET STORAGE EXTERNAL; INSERT INTO big VALUES (1, 1, 't', 'u');
