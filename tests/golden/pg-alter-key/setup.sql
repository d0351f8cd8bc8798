CREATE TABLE ak (id int primary key, b int not null, c text not null, v text); INSERT INTO ak VALUES (1, 10, 'c', 'v');
