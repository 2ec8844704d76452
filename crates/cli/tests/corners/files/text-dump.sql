-- text-dump-comment@example.org
INSERT INTO people VALUES (1, 'text-dump-value@example.org', 'it''s text-dump-quoted@example.org');
