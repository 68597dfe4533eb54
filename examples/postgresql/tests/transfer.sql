INSERT INTO account VALUES ('ann', 500), ('ben', 0);
SELECT transfer('ann', 'ben', 200);

DO $$
BEGIN
  ASSERT (SELECT cents FROM account WHERE name = 'ann') = 300, 'the payer has the rest';
  ASSERT (SELECT cents FROM account WHERE name = 'ben') = 200, 'the payee has the amount';
END
$$;
