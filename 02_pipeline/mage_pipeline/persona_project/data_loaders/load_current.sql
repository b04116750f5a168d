-- The respondents of the current wave. The table, the dates and the sample come checked from name_waves.
SELECT *
FROM "{{ block_output('name_waves', parse=lambda data, _: data['table']) }}"
WHERE date >= '{{ block_output('name_waves', parse=lambda data, _: data['current_start']) }}'
  AND date < '{{ block_output('name_waves', parse=lambda data, _: data['current_end']) }}'
  AND left(md5("{{ block_output('name_waves', parse=lambda data, _: data['id_column']) }}"), 8) COLLATE "C"
    < '{{ block_output('name_waves', parse=lambda data, _: data['current_below']) }}'
ORDER BY "{{ block_output('name_waves', parse=lambda data, _: data['id_column']) }}", date
