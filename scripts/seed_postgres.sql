-- The table whose changes ./quickstart shows, with the people that are in it at the start.
CREATE TABLE IF NOT EXISTS users (
    user_id    SERIAL PRIMARY KEY,
    full_name  VARCHAR(100),
    email      VARCHAR(255) UNIQUE,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

-- Updates and deletes then carry the whole row as it was before.
ALTER TABLE users REPLICA IDENTITY FULL;

INSERT INTO users (full_name, email) VALUES
    ('Alice Smith', 'alice@example.com'),
    ('Bob Johnson', 'bob@example.com'),
    ('Carol Williams', 'carol@example.com')
ON CONFLICT (email) DO NOTHING;
