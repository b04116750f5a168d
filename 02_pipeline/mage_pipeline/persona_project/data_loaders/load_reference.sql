-- The respondents of the reference wave. The table and the dates come checked from name_waves.
SELECT *
FROM "{{ block_output('name_waves', parse=lambda data, _: data['table']) }}"
WHERE date >= '{{ block_output('name_waves', parse=lambda data, _: data['reference_start']) }}'
  AND date < '{{ block_output('name_waves', parse=lambda data, _: data['reference_end']) }}'
ORDER BY "{{ block_output('name_waves', parse=lambda data, _: data['id_column']) }}", date
