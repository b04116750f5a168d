-- The respondents of the current wave. The table and the dates come checked from name_waves.
SELECT *
FROM "{{ block_output('name_waves', parse=lambda data, _: data['table']) }}"
WHERE date >= '{{ block_output('name_waves', parse=lambda data, _: data['current_start']) }}'
  AND date < '{{ block_output('name_waves', parse=lambda data, _: data['current_end']) }}'
ORDER BY "{{ block_output('name_waves', parse=lambda data, _: data['id_column']) }}", date
